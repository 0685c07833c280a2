using System.Text.Json;

namespace Coco.Quic.Tests.Qlog;

/// <summary>The fields that draft-ietf-quic-qlog-quic-events-13 requires, and the values of its closed sets.</summary>
internal static class QlogSchema
{
    private static readonly Dictionary<string, string[]> RequiredByEvent = new()
    {
        ["quic:connection_started"] = ["local", "remote"],
        ["quic:connection_closed"] = [],
        ["quic:connection_state_updated"] = ["new"],
        ["quic:tuple_assigned"] = ["tuple_id"],
        ["quic:mtu_updated"] = ["new"],
        ["quic:version_information"] = [],
        ["quic:alpn_information"] = [],
        ["quic:parameters_set"] = [],
        ["quic:packet_sent"] = ["header", "frames", "raw"],
        ["quic:packet_received"] = ["header", "frames", "raw"],
        ["quic:migration_state_updated"] = ["new"],
        ["quic:timer_updated"] = ["event_type"],
        ["quic:key_updated"] = ["key_type"],
        ["quic:key_discarded"] = ["key_type"],
        ["quic:recovery_metrics_updated"] = [],
        ["recovery:metrics_updated"] = [],
        ["quic:congestion_state_updated"] = ["new"],
        ["quic:packet_lost"] = ["header"],
        ["quic:ecn_state_updated"] = ["new"],
    };

    private static readonly Dictionary<string, string[]> RequiredByFrame = new()
    {
        ["padding"] = [],
        ["ping"] = [],
        ["ack"] = ["acked_ranges"],
        ["reset_stream"] = ["stream_id", "error", "final_size"],
        ["stop_sending"] = ["stream_id", "error"],
        ["crypto"] = ["offset", "raw"],
        ["new_token"] = ["token"],
        ["stream"] = ["stream_id", "offset", "length"],
        ["max_data"] = ["maximum"],
        ["max_stream_data"] = ["stream_id", "maximum"],
        ["max_streams"] = ["stream_type", "maximum"],
        ["data_blocked"] = ["limit"],
        ["stream_data_blocked"] = ["stream_id", "limit"],
        ["streams_blocked"] = ["stream_type", "limit"],
        ["new_connection_id"] = ["sequence_number", "retire_prior_to", "connection_id"],
        ["retire_connection_id"] = ["sequence_number"],
        ["path_challenge"] = [],
        ["path_response"] = [],
        ["connection_close"] = [],
        ["handshake_done"] = [],
        ["datagram"] = [],
        ["ack_frequency"] = [],
        ["immediate_ack"] = [],
    };

    private static readonly string[] Categories = ["connectivity", "transport", "security", "recovery"];

    private static readonly string[] States =
        ["attempted", "handshake_complete", "handshake_confirmed", "closing", "draining", "closed"];

    private static readonly string[] MigrationStates =
    [
        "probing_started", "probing_abandoned", "probing_successful", "migration_started", "migration_abandoned", "migration_complete",
    ];

    public static void CheckHeader(JsonElement header, string vantagePoint)
    {
        Assert.Equal("urn:ietf:params:qlog:file:sequential", header.GetProperty("file_schema").GetString());
        Assert.Equal("application/qlog+json-seq", header.GetProperty("serialization_format").GetString());
        Assert.Equal("0.3", header.GetProperty("qlog_version").GetString());
        Assert.Equal("JSON-SEQ", header.GetProperty("qlog_format").GetString());
        var trace = header.GetProperty("trace");
        Assert.Equal(vantagePoint, trace.GetProperty("vantage_point").GetProperty("type").GetString());
        var schema = Assert.Single(trace.GetProperty("event_schemas").EnumerateArray());
        Assert.Equal("urn:ietf:params:qlog:events:quic-13", schema.GetString());
        var reference = trace.GetProperty("common_fields").GetProperty("reference_time");
        Assert.Equal(TracedPair.Epoch, reference.GetProperty("epoch").GetDateTimeOffset());
        Assert.Equal("system", reference.GetProperty("clock_type").GetString());
    }

    public static void CheckEvent(JsonElement record)
    {
        Assert.Equal(JsonValueKind.Number, record.GetProperty("time").ValueKind);
        var name = record.GetProperty("name").GetString()!;
        Assert.Contains(record.GetProperty("category").GetString(), Categories);
        var data = record.GetProperty("data");
        Assert.True(RequiredByEvent.TryGetValue(name, out var required), name);
        CheckFields(data, required, name);
        if (data.TryGetProperty("header", out var header)) { CheckPacket(header, data); }
        if (name == "quic:connection_state_updated") { Assert.Contains(data.GetProperty("new").GetString(), States); }
        if (name == "quic:migration_state_updated") { Assert.Contains(data.GetProperty("new").GetString(), MigrationStates); }
    }

    private static void CheckPacket(JsonElement header, JsonElement data)
    {
        Assert.Contains(header.GetProperty("packet_type").GetString(), new[] { "initial", "handshake", "1RTT" });
        Assert.True(header.GetProperty("packet_number").GetInt64() >= 0);
        if (!data.TryGetProperty("frames", out var frames)) { return; }

        Assert.NotEmpty(frames.EnumerateArray());
        var payload = 0L;
        foreach (var frame in frames.EnumerateArray())
        {
            var type = frame.GetProperty("frame_type").GetString()!;
            Assert.True(RequiredByFrame.TryGetValue(type, out var required), type);
            CheckFields(frame, required, type);
            payload += frame.GetProperty("raw").GetProperty("length").GetInt64();
        }
        var raw = data.GetProperty("raw");
        Assert.Equal(raw.GetProperty("payload_length").GetInt64(), payload); // frames fill a packet without gaps
        Assert.InRange(raw.GetProperty("length").GetInt64(), payload + 16 + 2, 65_527);
    }

    private static void CheckFields(JsonElement element, string[] required, string what)
    {
        foreach (var field in required)
        {
            Assert.True(element.TryGetProperty(field, out _), $"{what} without {field}: {element}");
        }
    }
}
