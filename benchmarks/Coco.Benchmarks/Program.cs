using Coco.Benchmarks;
using Coco.Benchmarks.Control;
using Coco.Benchmarks.Latency;
using Coco.Benchmarks.Messaging;
using Coco.Benchmarks.Pipeline;
using Coco.Benchmarks.Quic;
using Coco.Benchmarks.Relays;
using Coco.Benchmarks.Store;
using Coco.Benchmarks.Transport;
using Coco.Benchmarks.Tunnels;

// What people run; the rest are ends of a measurement, each a process of its own.
var benchmarks = new Dictionary<string, Func<string[], int>>
{
    ["quic"] = QuicBench.Run,
    ["aead"] = AeadBench.Run,
    ["endpoint"] = EndpointBench.Run,
    ["throughput"] = ThroughputBench.Run,
    ["latency"] = LatencyBench.Run,
    ["idle"] = IdleBench.Run,
    ["relay-idle"] = RelayIdleBench.Run,
    ["tunnel"] = TunnelBench.Run,
    ["messaging"] = MessagingBench.Run,
    ["store"] = StoreBench.Run,
    ["nat"] = NatBench.Run,
    ["control"] = static args => ControlBench.RunAsync(args).GetAwaiter().GetResult(),
    ["mesh"] = static args => MeshBench.RunAsync(args).GetAwaiter().GetResult(),
};
var ends = new Dictionary<string, Func<string[], int>>
{
    ["pipeline-rx"] = PipelineEnds.Receive,
    ["pipeline-tx"] = PipelineEnds.Send,
    ["quic-rx"] = QuicEnds.Receive,
    ["quic-tx"] = QuicEnds.Send,
    ["quic-handshakes"] = QuicEnds.Handshakes,
    ["quic-idle"] = QuicEnds.Idle,
    ["quic-datagrams"] = QuicEnds.Datagrams,
    ["endpoint-rx"] = EndpointEnds.Receive,
    ["endpoint-tx"] = EndpointEnds.Send,
    ["endpoint-echo"] = EndpointEnds.RoundTrips,
    ["endpoint-connect"] = EndpointEnds.Connects,
    ["endpoint-relay"] = EndpointEnds.Relay,
    ["endpoint-hold"] = EndpointEnds.Hold,
    ["endpoint-idle"] = EndpointEnds.Idle,
    ["http-rx"] = HttpServerEnd.Run,
    ["http-tx"] = HttpClientEnd.Run,
    ["tunnel-open"] = TunnelEnds.Open,
    ["tunnel-publish"] = TunnelEnds.Publish,
    ["messaging-publish"] = MessagingEnds.Publish,
    ["messaging-subscribe"] = MessagingEnds.Subscribe,
    ["store-found"] = StoreEnds.Found,
    ["store-join"] = StoreEnds.Join,
    ["store-redis"] = StoreEnds.Redis,
    ["relay-idle-rx"] = RelayIdleBench.Serve,
    ["turn-rx"] = TurnEnds.Receive,
    ["turn-tx"] = TurnEnds.Send,
    ["udp-echo-rx"] = UdpEchoEnds.Receive,
    ["udp-echo-tx"] = UdpEchoEnds.Send,
};

if (args.Length > 0 && (benchmarks.TryGetValue(args[0], out var run) || ends.TryGetValue(args[0], out run))) { return run(args[1..]); }

Console.Error.WriteLine($"usage: bench {string.Join('|', benchmarks.Keys)} [--json]");
return 2;
