"""What the store needs to sell: who, how it is paid, where it sends, which taxes, how it looks."""
