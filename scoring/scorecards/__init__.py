"""Scorecards (评分卡): points for each answer, fitted to a bank's own loans, read from a file that people can check."""
