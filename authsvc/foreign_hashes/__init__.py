"""Password hashes that other systems made, recognised and compared with, so that customers keep their passwords."""
