"""The store's own pages, their versions, and the menus of the shop."""
