"""What a person does about money that came to a halt. Each act asks the room that owns it, and leaves a trace."""
