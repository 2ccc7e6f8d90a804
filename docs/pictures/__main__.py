"""``python -m pictures`` draws everything."""

from pictures import draw_all

draw_all()
