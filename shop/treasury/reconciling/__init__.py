"""Three sides of the same money: what Stripe says, what orders and invoices say, what the books say."""
