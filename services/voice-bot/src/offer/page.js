// Calls an agent from a browser: microphone out, voice in, events over a data channel.
const stunServers = "ICE_SERVERS";
const $ = (id) => document.getElementById(id);

async function api(method, path, body) {
  const response = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const json = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(json.error ? json.error.message : response.statusText);
  return json;
}

// Whoever is not signed in becomes a guest, with an agent of their own.
async function agents() {
  let list = await api("GET", "agents").catch(async () => {
    await api("POST", "auth/guest");
    return api("GET", "agents");
  });
  if (list.length === 0) {
    const agent = {
      name: "Test agent",
      system_prompt: "You are a friendly assistant on the telephone.",
      greeting: "Hello! What can I do for you?",
    };
    list = [await api("POST", "agents", agent)];
  }
  return list;
}

function show(event) {
  if (event.type === "state") $("state").textContent = event.state;
  if (event.type === "interim") $("interim").textContent = event.text;
  if (event.type === "segment") {
    const line = document.createElement("p");
    line.className = event.segment.speaker;
    line.textContent = event.segment.speaker + ": " + event.segment.text;
    $("said").append(line);
    $("interim").textContent = "";
  }
  if (event.type === "ended") $("state").textContent = "ended: " + event.reason;
}

// A call: { peer, events, stream, end() }. `onEvent` hears everything that happens in it.
async function call(agentId, microphone, onEvent) {
  const iceServers = stunServers.length ? [{ urls: stunServers }] : [];
  const peer = new RTCPeerConnection({ iceServers });
  const events = peer.createDataChannel("events");
  events.onmessage = (message) => onEvent(JSON.parse(message.data));
  const stream = new Promise((heard) => {
    peer.ontrack = (event) => heard(event.streams[0] || new MediaStream([event.track]));
  });
  microphone.getAudioTracks().forEach((track) => peer.addTrack(track, microphone));
  // Candidates are found before the answer tells what the connection is called.
  let id = null;
  let early = [];
  peer.onicecandidate = ({ candidate }) => {
    if (!candidate) return;
    if (id) api("PATCH", "offer", { pc_id: id, candidate }).catch(console.warn);
    else early.push(candidate);
  };
  await peer.setLocalDescription();
  const { sdp, type } = peer.localDescription;
  const answer = await api("POST", "offer", { sdp, type, agent_id: agentId });
  await peer.setRemoteDescription({ sdp: answer.sdp, type: answer.type });
  id = answer.pc_id;
  if (early.length) await api("PATCH", "offer", { pc_id: id, candidates: early });
  const end = () => {
    microphone.getTracks().forEach((track) => track.stop());
    peer.close();
    return api("DELETE", "offer", { pc_id: id }).catch(() => {});
  };
  return { peer, events, stream, end, id };
}

let current = null;

$("call").onclick = async () => {
  $("call").disabled = true;
  $("said").textContent = "";
  try {
    const microphone = await navigator.mediaDevices.getUserMedia({
      // Noise suppression takes soft consonants away, which recognition needs.
      audio: { echoCancellation: true, noiseSuppression: false, autoGainControl: true },
    });
    current = await call($("agents").value, microphone, (event) => {
      show(event);
      if (event.type === "ended") over();
    });
    $("hangup").disabled = false;
    $("audio").srcObject = await current.stream;
  } catch (error) {
    $("state").textContent = error.message;
    $("call").disabled = false;
  }
};

function over() {
  if (current) current.end();
  current = null;
  $("hangup").disabled = true;
  $("call").disabled = false;
}
$("hangup").onclick = over;

agents()
  .then((list) => {
    for (const agent of list) {
      const option = document.createElement("option");
      option.value = agent.id;
      option.textContent = agent.name;
      $("agents").append(option);
    }
    $("state").textContent = "ready";
    $("call").disabled = false;
  })
  .catch((error) => ($("state").textContent = error.message));
