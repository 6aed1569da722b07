"""What is written in the demo stores, by language. Data: no rule of the product stands here."""
