"use strict";
const words = document.body.dataset;
for (const block of document.querySelectorAll("pre.copy")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  button.textContent = words.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent);
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  block.prepend(button);
}
const form = document.getElementById("filters");
const problems = [...document.querySelectorAll("details.problem")];
if (form && problems.length > 1) {
  const apply = () => {
    let shown = 0;
    for (const problem of problems) {
      const fits = [...form.querySelectorAll("select")].every((select) =>
        select.value === "" || (problem.dataset[select.name] || "").split(" ").includes(select.value));
      problem.hidden = !fits;
      if (fits) shown += 1;
    }
    form.querySelector("output").textContent = words.shown.replace("{}", shown).replace("{}", problems.length);
  };
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
}
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details")) {
    one.dataset.was = one.open ? "open" : "";
    one.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details")) one.open = one.dataset.was === "open";
});
