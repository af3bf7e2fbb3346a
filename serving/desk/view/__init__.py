"""What templates show: plain records made from stored ones, without any markup."""
