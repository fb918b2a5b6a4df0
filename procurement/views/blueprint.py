"""The one blueprint of joint procurement; `routes` brings its views together."""

from flask import Blueprint

blueprint = Blueprint("procurement", __name__)

HOME = ("ホーム", "/")
PROJECTS = ("共同調達", "/projects")
