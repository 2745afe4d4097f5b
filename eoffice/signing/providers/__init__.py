"""Who holds private keys: software here; HSM, token and remote signing join by the same protocol."""
