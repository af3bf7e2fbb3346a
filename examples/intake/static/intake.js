"use strict";

// Every page works without this file: it adds the position, the photos' previews and the live news.

function form(report) {
  const send = document.getElementById("send");
  const label = send.textContent;
  report.addEventListener("submit", () => {
    send.disabled = true;
    send.textContent = report.dataset.sending;
  });
  // A page that comes back from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    send.disabled = false;
    send.textContent = label;
  });
  photos(report);
  position();
}

function photos(report) {
  const previews = document.getElementById("previews");
  const inputs = [...report.querySelectorAll("input[type=file]")];
  const show = () => {
    for (const image of previews.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    previews.replaceChildren();
    const files = inputs.flatMap(input => [...input.files]);
    for (const file of files.slice(0, 3)) {
      const image = document.createElement("img");
      image.alt = previews.dataset.alt;
      // What this browser cannot show is sent all the same.
      image.addEventListener("error", () => image.replaceWith(file.name));
      image.src = URL.createObjectURL(file);
      previews.append(image);
    }
    if (files.length > 3) previews.append(previews.dataset.many);
  };
  for (const input of inputs) input.addEventListener("change", show);
  show();
}

function position() {
  if (!navigator.geolocation) return;
  const [lat, lon, located, forget] = ["lat", "lon", "located", "forget"].map(id => document.getElementById(id));
  const say = (words, found) => {
    located.textContent = words;
    forget.hidden = !found;
  };
  document.getElementById("position").hidden = false;
  if (lat.value && lon.value) say(located.dataset.kept, true);
  document.getElementById("locate").addEventListener("click", () => {
    say(located.dataset.asking, false);
    navigator.geolocation.getCurrentPosition(
      ({coords}) => {
        lat.value = coords.latitude.toFixed(6);
        lon.value = coords.longitude.toFixed(6);
        say(located.dataset.found.replace("{metres}", Math.max(1, Math.round(coords.accuracy))), true);
      },
      () => {
        lat.value = lon.value = "";
        say(located.dataset.refused, false);
        document.getElementById("address").focus();
      },
      {enableHighAccuracy: true, timeout: 15000, maximumAge: 30000},
    );
  });
  forget.addEventListener("click", () => {
    lat.value = lon.value = "";
    say("", false);
  });
}

function follow(steps) {
  const live = document.getElementById("live");
  const words = live.textContent;
  const source = new EventSource(steps.dataset.stream);
  source.addEventListener("open", () => { live.hidden = false; live.textContent = words; });
  source.addEventListener("error", () => { live.hidden = false; live.textContent = live.dataset.lost; });
  source.addEventListener("message", message => {
    const step = JSON.parse(message.data);
    if (steps.querySelector(`[data-position="${Number(step.position)}"]`)) return;
    const item = document.createElement("li");
    item.dataset.kind = step.kind;
    item.dataset.position = step.position;
    item.className = "new";
    const time = document.createElement("time");
    time.dateTime = step.at;
    time.textContent = step.moment;
    item.append(time);
    for (const sentence of step.sentences) {
      const paragraph = document.createElement("p");
      paragraph.textContent = sentence;
      item.append(paragraph);
    }
    steps.append(item);
  });
}

document.documentElement.classList.add("scripted");
const report = document.getElementById("report");
if (report) form(report);
const steps = document.getElementById("steps");
if (steps) follow(steps);
