"""What Stanch is delivered as: the package, the image, what deploys it, the workflows that check and release it."""
