// Computes WCAG 2.2 contrast of the theme colours in static/src/css/tokens.css; exits 1 below AA.
import { readFile } from "node:fs/promises";

const TEXT = 4.5;
const GRAPHIC = 3;
const PAIRS = [
  ["color-base-content", "color-base-100", TEXT],
  ["color-base-content", "color-base-200", TEXT],
  ["color-base-content", "color-base-300", TEXT],
  ["color-base-content", "tint", TEXT],
  ["muted", "color-base-100", TEXT],
  ["muted", "color-base-200", TEXT],
  ["muted", "tint", TEXT],
  ["link", "color-base-100", TEXT],
  ["link", "color-base-200", TEXT],
  ["link", "tint", TEXT],
  ["signal-ink", "color-base-100", TEXT],
  ["signal-ink", "color-base-200", TEXT],
  ["color-primary-content", "color-primary", TEXT],
  ["color-secondary-content", "color-secondary", TEXT],
  ["color-accent-content", "color-accent", TEXT],
  ["color-neutral-content", "color-neutral", TEXT],
  ["color-neutral-content", "ink-panel", TEXT],
  ["color-info-content", "color-info", TEXT],
  ["color-success-content", "color-success", TEXT],
  ["color-warning-content", "color-warning", TEXT],
  ["color-error-content", "color-error", TEXT],
  ["color-success", "color-base-100", TEXT],
  ["color-success", "color-base-200", TEXT],
  ["color-error", "color-base-100", TEXT],
  ["color-error", "color-base-200", TEXT],
  ["color-info", "color-base-100", TEXT],
  ["edge", "color-base-100", GRAPHIC],
  ["edge", "color-base-200", GRAPHIC],
  ["color-primary", "color-base-100", GRAPHIC],
  ["color-accent", "ink-panel", TEXT],
];

function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, two) {
  const [high, low] = [luminance(one), luminance(two)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const css = await readFile(new URL("../static/src/css/tokens.css", import.meta.url), "utf8");
let failures = 0;
for (const [, name, body] of css.matchAll(/name: "([^"]+)";([^}]+)/g)) {
  const tokens = Object.fromEntries([...body.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
  for (const [front, back, least] of PAIRS) {
    const ratio = contrast(tokens[front], tokens[back]);
    const passed = ratio >= least;
    if (!passed) failures += 1;
    console.log(`${passed ? "ok  " : "FAIL"} ${name.padEnd(12)} ${front} on ${back}: ${ratio.toFixed(2)} (>= ${least})`);
  }
}
process.exit(failures ? 1 : 0);
