"""TODO notifications"""
