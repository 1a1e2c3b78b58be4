"""TODO lead_card"""
