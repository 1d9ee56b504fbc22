// Builds static/dist: app.css (Tailwind), app.js and theme.js (esbuild), fonts (copied from npm packages), drawings.
import { spawn } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(root, "static/src");
const dist = path.join(root, "static/dist");
const watch = process.argv.includes("--watch");
const require = createRequire(import.meta.url);

const FONTS = [
  "@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2",
  "@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-ext-wght-normal.woff2",
  "@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2",
  "@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-ext-wght-normal.woff2",
  "@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2",
  // For PDF: static instances.
  "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-400-normal.woff",
  "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-ext-400-normal.woff",
  "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-600-normal.woff",
  "@fontsource/hanken-grotesk/files/hanken-grotesk-latin-ext-600-normal.woff",
  // Scripts that it has no letters of: names of people and companies come in them.
  "@fontsource/noto-sans/files/noto-sans-greek-400-normal.woff",
  "@fontsource/noto-sans/files/noto-sans-greek-600-normal.woff",
  "@fontsource/noto-sans/files/noto-sans-cyrillic-400-normal.woff",
  "@fontsource/noto-sans/files/noto-sans-cyrillic-600-normal.woff",
];

const COPIED = ["icons.svg", "favicon.svg", "css/plain.css", "css/staff.css"];

async function copyAssets() {
  await mkdir(path.join(dist, "fonts"), { recursive: true });
  await Promise.all(COPIED.map((name) => copyFile(path.join(source, name), path.join(dist, path.basename(name)))));
  await Promise.all(
    FONTS.map((name) =>
      copyFile(path.join(root, "node_modules", name), path.join(dist, "fonts", path.basename(name))),
    ),
  );
}

function buildStyles() {
  const manifest = require.resolve("@tailwindcss/cli/package.json");
  const cli = path.join(path.dirname(manifest), require(manifest).bin.tailwindcss);
  const options = ["-i", path.join(source, "css/app.css"), "-o", path.join(dist, "app.css"), "--minify"];
  const child = spawn(process.execPath, [cli, ...options, ...(watch ? ["--watch=always"] : [])], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`tailwindcss exited with ${code}`))));
  });
}

async function buildScripts() {
  const options = {
    entryPoints: ["app.js", "pay.js", "theme.js"].map((name) => path.join(source, "js", name)),
    outdir: dist,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022"],
    logLevel: "warning",
  };
  if (!watch) return esbuild.build(options);
  const context = await esbuild.context(options);
  return context.watch();
}

await copyAssets();
await Promise.all([buildStyles(), buildScripts()]);
