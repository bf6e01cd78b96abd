"""What happens without a request. A job opens its own transactions and makes one service call in each."""
