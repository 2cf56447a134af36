"""The validator: rules in families over goal tables; knows no model, no store, no network."""
