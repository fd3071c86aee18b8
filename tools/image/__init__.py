"""The Dockerfile's own steps, in a folder and without a container engine; and a trial of what comes out of them."""
