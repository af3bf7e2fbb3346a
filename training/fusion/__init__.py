"""The fusion part: how much the photo has to say, learned on pairs of texts and pictures."""
