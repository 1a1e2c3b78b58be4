"""What every command, form and button does, in words of sales and never of a platform."""
