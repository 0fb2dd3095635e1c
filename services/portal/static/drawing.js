// Points on the map of a town: a click or the keys set them. What they come to stands in the fields of the form,
// which can be typed as well, and are what is sent.
const map = document.querySelector('[data-points="point"], [data-points="outline"]');

function begin(map) {
  const svg = map.querySelector("svg");
  const [width, height] = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
  const [west, north, across, down] = ["west", "north", "across", "down"].map(name => Number(map.dataset[name]));
  const isOutline = map.dataset.points === "outline";
  const polygon = document.getElementById("polygon");
  const [longitude, latitude] = ["longitude", "latitude"].map(name => document.getElementById(name));
  const points = [];
  const isKnown = !isOutline && longitude.value && latitude.value;
  const aim = isKnown
    ? { x: (longitude.value - west) / across, y: (north - latitude.value) / down }
    : { x: width / 2, y: height / 2 };

  const place = ({ x, y }) => [west + x * across, north - y * down].map(degrees => Number(degrees.toFixed(6)));
  const drawn = () => "M" + points.map(({ x, y }) => `${x} ${y}`).join("L") + (points.length > 2 ? "z" : "h0");

  function mark() {
    map.querySelector(".map-aim").setAttribute("d", `M${aim.x - 9} ${aim.y}h18M${aim.x} ${aim.y - 9}v18`);
  }

  function show() {
    mark();
    map.querySelector(".map-drawn").setAttribute("d", points.length ? drawn() : "");
    if (isOutline && points.length > 2) {
      const ring = points.map(place);
      polygon.value = JSON.stringify({ type: "Polygon", coordinates: [[...ring, ring[0]]] });
    } else if (!isOutline && points.length) {
      [longitude.value, latitude.value] = place(points[0]);
    }
  }

  function add() {
    if (!isOutline) points.length = 0;
    points.push({ ...aim });
    show();
  }

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  svg.addEventListener("keydown", event => {
    const step = event.shiftKey ? 40 : 8;
    if (event.key in moves) {
      aim.x = Math.min(width, Math.max(0, aim.x + moves[event.key][0] * step));
      aim.y = Math.min(height, Math.max(0, aim.y + moves[event.key][1] * step));
      show();
    } else if (event.key === "Enter" || event.key === " ") add();
    else if (event.key === "Backspace") { points.pop(); show(); }
    else return;
    event.preventDefault();
  });
  svg.addEventListener("click", event => {
    const seen = svg.getBoundingClientRect();
    aim.x = Math.round((event.clientX - seen.left) / seen.width * width);
    aim.y = Math.round((event.clientY - seen.top) / seen.height * height);
    add();
  });
  if (isKnown) mark();
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-describedby", "map-help");
  map.querySelector("[data-help]").hidden = false;
}

if (map) begin(map);
