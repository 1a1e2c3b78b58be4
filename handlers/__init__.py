"""What every command, form and button does, in the terms of sales and never of a chat platform."""
