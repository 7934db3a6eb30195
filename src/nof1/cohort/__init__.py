"""Many people, the same functions: distinct patterns are called once and joined back to the people who have them."""
