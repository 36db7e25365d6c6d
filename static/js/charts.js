// Charts on the pages that have some: `<figure data-chart="line|bar|doughnut">` with a <canvas>
// and its data in a `json_script` inside it.
//
//   line      {labels, series: [{label, values, tone: "in"|"out"|"mark", dashedLast}]}
//   bar       {labels, values, color, average, limit, words: {value, average, limit}}
//   doughnut  [{name, color, value, url, …}]; every other key is a text for `[data-f="key"]`
//
// In the figure: `button[data-series="0"]` (line) and `button[data-level="average"]` (bar) are the
// legend, and hide what they name; `[data-slice="0"]` are the links of a doughnut's list;
// `[data-f]` shows the slice that is pointed at (`dot` is coloured, `url` is a link's address);
// `output[data-live]` says what the arrow keys have reached. The server writes every word and
// the figures of the doughnut; axes and tooltips are written here, in the page's language and
// currency. Chart.js itself is global, from its UMD file, which is loaded first.

const { Chart } = globalThis;
const root = document.documentElement;
const drawn = new Map(); // figure → chart

// The typeface has no narrow no-break space, and a minus is not a hyphen.
const tidy = (text) => text.replaceAll("\u202f", "\u00a0").replaceAll("-", "\u2212");
const writer = (options) => {
  const format = new Intl.NumberFormat(root.lang, { style: "currency", currency: root.dataset.currency, ...options });
  return (value) => tidy(format.format(value));
};
// As the server writes: a currency without cents has some where they are stored.
const { maximumFractionDigits: places } = new Intl.NumberFormat(root.lang, { style: "currency", currency: root.dataset.currency }).resolvedOptions();
const money = writer({ minimumFractionDigits: Math.min(places, 2), maximumFractionDigits: 2 });
const roundMoney = writer({ maximumFractionDigits: 0 });

/** A token's colour as it is now, for a canvas, which knows no custom properties. */
const probe = document.createElement("i");
probe.hidden = true;
function color(token, alpha = 1) {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(--${token})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g);
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** The hatch of an overrun, as the gauges have it. */
function hatch(context) {
  const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const pen = tile.getContext("2d");
  pen.fillStyle = color("panel");
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = color("ink");
  pen.lineWidth = 2.8;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

function defaults() {
  const { defaults: all } = Chart;
  all.font.family = getComputedStyle(document.body).fontFamily;
  all.font.size = 12;
  all.color = color("muted");
  all.maintainAspectRatio = false;
  // Drawn at once: a first animation begins before the canvas has its size, and shows nothing new.
  all.animation = false;
  all.plugins.legend.display = false;
  Object.assign(all.plugins.tooltip, {
    backgroundColor: color("ink"),
    titleColor: color("ground"),
    bodyColor: color("ground"),
    padding: 10,
    cornerRadius: 8,
    boxPadding: 6,
    usePointStyle: true,
    titleFont: { weight: 600 },
  });
}

const axes = (top, stacked = false) => ({
  x: {
    stacked,
    grid: { color: color("line"), tickColor: color("tick"), tickLength: 6, drawOnChartArea: false },
    border: { color: color("tick") },
    ticks: { maxRotation: 0, autoSkipPadding: 8 },
  },
  y: {
    stacked,
    beginAtZero: true,
    suggestedMax: top,
    grid: { color: color("line"), tickLength: 0 },
    border: { display: false },
    ticks: { maxTicksLimit: 6, padding: 8, callback: (value) => (Number.isInteger(value) ? roundMoney(value) : money(value)) },
  },
});

// -------------------------------------------------------------------- line

const SHAPES = { in: "triangle", out: "circle" };

function line(figure, canvas, { labels, series }) {
  const last = labels.length - 1;
  const tones = series.map(({ tone }) => tone);
  const datasets = series.map(({ label, values, tone, dashedLast }) => ({
    label,
    data: values,
    borderColor: color(tone),
    backgroundColor: color(tone),
    borderWidth: 2,
    tension: 0,
    pointStyle: SHAPES[tone],
    pointRadius: labels.length > 24 ? 0 : 4,
    pointHoverRadius: 6,
    pointBackgroundColor: color("panel"),
    pointHoverBackgroundColor: color("panel"),
    pointBorderWidth: 2,
    segment: { borderDash: ({ p1DataIndex }) => (dashedLast && p1DataIndex === last ? [2, 4] : undefined) },
  }));
  // What came in above what went out is gained, below it is lost.
  if (tones.length === 2 && tones[0] === "in" && tones[1] === "out")
    datasets[0].fill = { target: 1, above: color("in", 0.12), below: color("out", 0.12) };
  const chart = new Chart(canvas, {
    type: "line",
    data: { labels, datasets },
    options: {
      interaction: { mode: "index", intersect: false },
      layout: { padding: { top: 8, right: 4 } },
      scales: axes(100),
      plugins: {
        tooltip: {
          callbacks: {
            labelColor: ({ dataset }) => ({ borderColor: dataset.borderColor, backgroundColor: dataset.borderColor }),
            label: ({ dataset, parsed }) => ` ${dataset.label} ${money(parsed.y)}`,
          },
        },
      },
    },
  });
  for (const button of figure.querySelectorAll("button[data-series]"))
    legend(button, (shown) => {
      chart.setDatasetVisibility(Number(button.dataset.series), shown);
      chart.update();
    });
  keys(figure, canvas, last, (index) => {
    const at = series.flatMap((each, datasetIndex) => (each.values[index] == null || !chart.isDatasetVisible(datasetIndex) ? [] : [{ datasetIndex, index }]));
    point(chart, at);
    return [labels[index], ...at.map(({ datasetIndex }) => `${series[datasetIndex].label} ${money(series[datasetIndex].values[index])}`)].join(", ");
  });
  return chart;
}

// --------------------------------------------------------------------- bar

/** Lines across the bars: the average dashed, the limit firm, each with its word at its end. */
const levels = {
  id: "levels",
  beforeLayout(chart, _, { rows = [] }) {
    chart.ctx.font = `12px ${Chart.defaults.font.family}`;
    const widths = rows.map(({ word }) => (word ? chart.ctx.measureText(word).width + 8 : 0));
    chart.options.layout.padding = { top: 8, right: Math.max(4, ...widths) };
  },
  afterDatasetsDraw(chart, _, { rows = [] }) {
    const { ctx, chartArea, scales } = chart;
    const taken = [];
    ctx.save();
    ctx.font = `12px ${Chart.defaults.font.family}`;
    ctx.textBaseline = "middle";
    for (const { value, word, token, dash } of rows) {
      const y = scales.y.getPixelForValue(value);
      ctx.strokeStyle = color(token);
      ctx.lineWidth = 1.5;
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(chartArea.left, y);
      ctx.lineTo(chartArea.right + 4, y);
      ctx.stroke();
      if (!word) continue;
      // Two words at nearly the same height make room for one another.
      const near = taken.find((other) => Math.abs(other - y) < 14);
      const at = near === undefined ? y : near + (y < near ? -14 : 14);
      taken.push(at);
      ctx.fillStyle = color("muted");
      ctx.fillText(word, chartArea.right + 8, at);
    }
    ctx.restore();
  },
};

function bar(figure, canvas, { labels, values, color: fill, average, limit, words = {} }) {
  const over = limit == null ? values.map(() => 0) : values.map((value) => Math.max(0, (value ?? 0) - limit));
  const hidden = new Set();
  const rows = () =>
    [
      { name: "limit", value: limit, word: words.limit, token: "ink", dash: [] },
      { name: "average", value: average, word: words.average, token: "tick", dash: [4, 4] },
    ].filter(({ name, value }) => value != null && !hidden.has(name));
  const tint = fill || color("tick");
  const hatched = hatch(canvas.getContext("2d"));
  const flat = { borderRadius: 2, maxBarThickness: 44, borderSkipped: false };
  const chart = new Chart(canvas, {
    type: "bar",
    data: {
      labels,
      datasets: [
        { ...flat, label: words.value, data: values.map((value, i) => (value == null ? null : value - over[i])), backgroundColor: tint, hoverBackgroundColor: tint },
        { ...flat, data: over, backgroundColor: hatched, hoverBackgroundColor: hatched },
      ],
    },
    options: {
      interaction: { mode: "index", intersect: false },
      layout: { padding: { top: 8 } },
      scales: axes(Math.max(1, (limit ?? 0) * 1.1, (average ?? 0) * 1.1), true),
      plugins: {
        levels: { rows: rows() },
        tooltip: {
          filter: ({ datasetIndex }) => datasetIndex === 0,
          callbacks: { label: ({ dataIndex }) => ` ${[words.value, money(values[dataIndex] ?? 0)].filter(Boolean).join(" ")}` },
        },
      },
    },
    plugins: [levels],
  });
  for (const button of figure.querySelectorAll("button[data-level]"))
    legend(button, (shown) => {
      if (shown) hidden.delete(button.dataset.level);
      else hidden.add(button.dataset.level);
      chart.options.plugins.levels.rows = rows();
      chart.update();
    });
  keys(figure, canvas, labels.length - 1, (index) => {
    point(chart, [{ datasetIndex: 0, index }]);
    return `${labels[index]}, ${money(values[index] ?? 0)}`;
  });
  return chart;
}

// ---------------------------------------------------------------- doughnut

/** A ring of graduations outside the doughnut, one every 2.5 %. */
const graduations = {
  id: "graduations",
  afterDraw({ ctx, chartArea: { left, right, top, bottom } }) {
    const radius = Math.min(right - left, bottom - top) / 2 + 6;
    ctx.save();
    ctx.translate((left + right) / 2, (top + bottom) / 2);
    ctx.strokeStyle = color("tick");
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let step = 0; step < 40; step += 1) {
      const angle = (step / 40) * 2 * Math.PI - Math.PI / 2;
      const end = radius + (step % 10 ? 4 : 8);
      ctx.moveTo(radius * Math.cos(angle), radius * Math.sin(angle));
      ctx.lineTo(end * Math.cos(angle), end * Math.sin(angle));
    }
    ctx.stroke();
    ctx.restore();
  },
};

function doughnut(figure, canvas, rows) {
  const links = [...figure.querySelectorAll("[data-slice]")];
  const fills = rows.map((row) => row.color || color("tick"));
  let shown = -1;
  const chart = new Chart(canvas, {
    type: "doughnut",
    data: {
      labels: rows.map(({ name }) => name),
      datasets: [
        {
          data: rows.map(({ value }) => value),
          backgroundColor: fills,
          hoverBackgroundColor: fills,
          borderColor: color("panel"),
          hoverBorderColor: color("panel"),
          borderWidth: 2,
          hoverOffset: 6,
        },
      ],
    },
    options: {
      cutout: "74%",
      layout: { padding: 18 },
      plugins: { tooltip: { enabled: false } },
      onHover: ({ native }, [hit]) => {
        canvas.classList.toggle("points", Boolean(hit));
        if (hit && native.type !== "click") show(hit.index);
      },
      onClick: ({ native }, [hit]) => {
        if (!hit) return;
        // A finger shows a slice first, and opens it when it touches it again.
        const known = shown === hit.index;
        show(hit.index);
        if (native.pointerType === "mouse" || known) open(hit.index);
      },
    },
    plugins: [graduations],
  });

  function open(index) {
    if (rows[index]?.url) location.assign(rows[index].url);
  }

  function show(index) {
    if (shown === index) return;
    shown = index;
    const row = rows[index];
    chart.setActiveElements([{ datasetIndex: 0, index }]);
    chart.update();
    for (const link of links) link.classList.toggle("on", Number(link.dataset.slice) === index);
    for (const place of figure.querySelectorAll("[data-f]")) {
      const name = place.dataset.f;
      if (name === "dot") place.querySelector("circle")?.setAttribute("fill", fills[index]);
      else if (name === "url") place.toggleAttribute("href", Boolean(row.url)) && place.setAttribute("href", row.url);
      else place.textContent = row[name] ?? "";
    }
  }

  for (const link of links)
    for (const type of ["mouseenter", "focus"]) link.addEventListener(type, () => show(Number(link.dataset.slice)));
  keys(
    figure,
    canvas,
    rows.length - 1,
    (index) => {
      show(index);
      return rows[index].spoken ?? [rows[index].name, rows[index].spent, rows[index].share].filter(Boolean).join(", ");
    },
    { first: 0, open },
  );
  return chart;
}

// ------------------------------------------------------------------ common

function legend(button, toggle) {
  button.onclick = () => {
    const shown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", shown);
    toggle(shown);
  };
  if (button.getAttribute("aria-pressed") === "false") toggle(false);
}

/** Point at elements as the mouse would, tooltip included. */
function point(chart, at) {
  chart.setActiveElements(at);
  if (at.length) {
    const { x, y } = chart.getDatasetMeta(at[0].datasetIndex).data[at[0].index];
    chart.tooltip.setActiveElements(at, { x, y });
  }
  chart.update("none");
}

/** Arrow keys, Home and End walk along the chart; `say` shows where one is and puts it in words. */
function keys(figure, canvas, last, say, { first = last + 1, open } = {}) {
  const live = figure.querySelector("[data-live]");
  let index = null;
  canvas.onkeydown = (event) => {
    if (event.key === "Enter" && open && index !== null) return open(index);
    const to = {
      ArrowLeft: (index ?? first) - 1,
      ArrowUp: (index ?? first) - 1,
      ArrowRight: index === null && first <= last ? first : (index ?? last - 1) + 1,
      ArrowDown: index === null && first <= last ? first : (index ?? last - 1) + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined || last < 0) return undefined;
    event.preventDefault();
    index = Math.min(last, Math.max(0, to));
    const words = say(index);
    if (live) live.textContent = words;
    return undefined;
  };
}

const KINDS = { line, bar, doughnut };

function draw(figure) {
  drawn.get(figure)?.destroy();
  drawn.delete(figure);
  const canvas = figure.querySelector("canvas");
  const { chart: kind } = figure.dataset;
  const script = figure.querySelector('script[type="application/json"]');
  if (canvas && script && KINDS[kind]) drawn.set(figure, KINDS[kind](figure, canvas, JSON.parse(script.textContent)));
}

/** Draw the page's figures; those that have left it are let go. */
function paint({ anew = false } = {}) {
  for (const [figure, chart] of drawn)
    if (!figure.isConnected) {
      chart.destroy();
      drawn.delete(figure);
    }
  defaults();
  for (const figure of document.querySelectorAll("figure[data-chart]")) if (anew || !drawn.has(figure)) draw(figure);
}

if (Chart) {
  await document.fonts.ready;
  paint();
  document.addEventListener("themechange", () => paint({ anew: true }));
  document.body.addEventListener("htmx:afterSettle", () => paint());
}
