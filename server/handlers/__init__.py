"""Request in, response out; one module per page. A handler opens one transaction and makes one service call in it."""
