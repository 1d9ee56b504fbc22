// The Payment Element. Card numbers go from Stripe's frame to Stripe; without this file nothing can be paid here.
const form = document.querySelector("form[data-pay]");

if (form && window.Stripe) {
  const { key, secret, language } = form.dataset;
  const stripe = window.Stripe(key, { locale: language });
  const problem = form.querySelector("#payment-problem");
  const button = form.querySelector("button[type=submit]");
  const isSaved = "saved" in form.dataset;
  const elements = isSaved ? null : stripe.elements({ clientSecret: secret, appearance: { theme: theme() } });

  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    button.disabled = false;
  };

  if (elements) {
    const element = elements.create("payment");
    element.on("ready", () => (button.disabled = false));
    element.mount("#payment-element");
  } else {
    button.disabled = false;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    button.disabled = true;
    const answer = elements
      ? await stripe[form.dataset.pay || "confirmPayment"]({ elements, confirmParams: { return_url: form.dataset.return } })
      : await stripe.handleNextAction({ clientSecret: secret });
    if (answer.error) say(answer.error.message);
    else window.location.assign(form.dataset.return);
  });
}

function theme() {
  const chosen = document.documentElement.dataset.theme;
  const isDark = chosen ? chosen === "accord-dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  return isDark ? "night" : "stripe";
}
