"""What every service is built on. Whatever process imports it looks for garbage rarely, from then on."""

from chassis import garbage

garbage.look_rarely()
