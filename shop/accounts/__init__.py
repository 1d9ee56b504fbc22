"""How people sign in: bounded tries, a second factor, and changes of the e-mail address."""
