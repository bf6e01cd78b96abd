"""The invented clinic, its caught mail, and the robot patient who walks the patient's own pages."""
