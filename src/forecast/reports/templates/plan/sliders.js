"use strict";
(() => {
  const box = document.querySelector(".sliders");
  const grid = JSON.parse(document.getElementById("grid").textContent);
  const inputs = grid.axes.map((axis) => box.querySelector(`input[name="${axis.name}"]`));

  // The weights of the grid's points around a setting: straight lines along each axis in turn.
  const corners = (setting) => {
    let found = [[0, 1]];
    grid.axes.forEach((axis, i) => {
      const at = axis.at;
      let low = 0;
      while (low < at.length - 2 && setting[i] > at[low + 1]) low += 1;
      const share = at.length > 1 ? (setting[i] - at[low]) / (at[low + 1] - at[low]) : 0;
      found = found.flatMap(([index, weight]) => {
        const here = [[index * at.length + low, weight * (1 - share)]];
        return share > 0 ? [...here, [index * at.length + low + 1, weight * share]] : here;
      });
    });
    return found;
  };
  const between = (name, setting) =>
    corners(setting).reduce((sum, [index, weight]) => sum + weight * grid.values[name][index], 0);

  const written = (value, name, sign) => {
    const places = grid.places[name];
    const share = grid.shares.includes(name);
    return new Intl.NumberFormat(grid.language, {
      style: share ? "percent" : "decimal",
      minimumFractionDigits: places,
      maximumFractionDigits: places,
      signDisplay: sign ? "exceptZero" : "auto",
    }).format(value);
  };
  const told = (axis, value) =>
    axis.name === "service_level_target"
      ? new Intl.NumberFormat(grid.language, { style: "percent" }).format(value)
      : new Intl.NumberFormat(grid.language, { signDisplay: "exceptZero" }).format(value);

  const rest = grid.axes.map((axis) => axis.rest);
  const show = () => {
    const setting = grid.axes.map((axis, i) => (inputs[i] ? Number(inputs[i].value) : axis.rest));
    inputs.forEach((input, i) => {
      if (input) input.parentElement.querySelector("output").value = told(grid.axes[i], setting[i]);
    });
    for (const row of box.querySelectorAll("[data-value]")) {
      const name = row.dataset.value;
      const [now, was] = [between(name, setting), between(name, rest)];
      row.querySelector(".now").textContent = written(now, name, false);
      row.querySelector(".apart").textContent = written(now - was, name, true);
    }
  };
  inputs.forEach((input) => input && input.addEventListener("input", show));
  box.querySelector("button").addEventListener("click", () => {
    inputs.forEach((input, i) => { if (input) input.value = rest[i]; });
    show();
  });
  show();
})();
