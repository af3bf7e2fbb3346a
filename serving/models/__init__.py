"""Which bundle answers: loaded, proved, swapped while requests are answered, and tried in the shadow before."""
