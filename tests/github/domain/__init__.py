"""What happens on the fake GitHub, whoever asks for it: changes of its state, with the webhooks that tell of them."""
