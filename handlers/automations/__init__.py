"""TODO automations"""
