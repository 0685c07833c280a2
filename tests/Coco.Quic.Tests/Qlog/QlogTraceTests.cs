using System.Text.Json;
using Coco.Quic.Connections;

namespace Coco.Quic.Tests.Qlog;

public sealed class QlogTraceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Records_have_the_fields_the_schema_requires(ulong seed)
    {
        using var traced = TracedPair.RunEverything(seed);
        for (var side = 0; side < 2; side++)
        {
            var records = traced.Records(side);
            QlogSchema.CheckHeader(records[0], side == 0 ? "client" : "server");
            foreach (var record in records.Skip(1)) { QlogSchema.CheckEvent(record); }
        }
    }

    [Fact] // the draft wants the format to be known from the first 256 bytes
    public void The_header_tells_the_format_early()
    {
        using var traced = TracedPair.RunEverything(1);
        var start = traced.Text(0)[..256];
        Assert.Contains("\"file_schema\"", start, StringComparison.Ordinal);
        Assert.Contains("\"application/qlog+json-seq\"", start, StringComparison.Ordinal);
        Assert.Contains("JSON-SEQ", start, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_ascend_from_the_reference()
    {
        using var traced = TracedPair.RunEverything(1);
        for (var side = 0; side < 2; side++)
        {
            var times = traced.Records(side).Skip(1).Select(record => record.GetProperty("time").GetDouble()).ToList();
            Assert.Equal(times.Order(), times);
            Assert.InRange(times[0], side * 10, side * 11); // the server hears of the client one delay later
            Assert.Equal((traced.Pair.Network.Now - TimeSpan.FromSeconds(1)).TotalMilliseconds, times[^1], tolerance: 2000.0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_packet_received_is_one_that_the_other_side_sent_frame_by_frame(ulong seed)
    {
        using var traced = TracedPair.RunEverything(seed);
        for (var side = 0; side < 2; side++)
        {
            var sent = traced.Events(1 - side, "quic:packet_sent").ToDictionary(KeyOf);
            var received = traced.Events(side, "quic:packet_received");
            Assert.True(received.Count > 50);
            foreach (var packet in received)
            {
                var origin = sent[KeyOf(packet)];
                Assert.Equal(origin.GetProperty("raw").GetRawText(), packet.GetProperty("raw").GetRawText());
                Assert.Equal(origin.GetProperty("frames").GetRawText(), packet.GetProperty("frames").GetRawText());
            }
            Assert.Equal(received.Count, received.DistinctBy(KeyOf).Count());
        }
    }

    [Fact]
    public void A_packet_is_lost_once_and_after_it_was_sent()
    {
        using var traced = TracedPair.RunEverything(2);
        HashSet<string> open = [];
        var lost = 0;
        foreach (var record in traced.Records(0).Skip(1))
        {
            var name = record.GetProperty("name").GetString();
            if (name == "quic:packet_sent") { open.Add(KeyOf(record.GetProperty("data"))); }
            if (name == "quic:packet_lost") { Assert.True(open.Remove(KeyOf(record.GetProperty("data")))); lost++; }
        }
        Assert.True(lost > 0);
        Assert.Equal(traced.Pair.Client.Statistics.PacketsLost, lost);
    }

    [Fact]
    public void Packets_of_a_second_path_name_it()
    {
        using var traced = TracedPair.RunEverything(1);
        var sent = traced.Records(0)
            .FindAll(record => record.TryGetProperty("name", out var name) && name.ValueEquals("quic:packet_sent"));
        Assert.False(sent[0].TryGetProperty("tuple", out _));
        Assert.Equal("2", sent[^1].GetProperty("tuple").GetString());
        Assert.Equal(["probing_started", "probing_successful", "migration_complete"], MigrationStates(0));
        Assert.Contains("migration_started", MigrationStates(1));

        List<string?> MigrationStates(int side) =>
            traced.Events(side, "quic:migration_state_updated").ConvertAll(data => data.GetProperty("new").GetString());
    }

    [Fact]
    public void Metrics_tell_what_changed_under_both_names()
    {
        using var traced = TracedPair.RunEverything(1);
        var updates = traced.Events(0, "quic:recovery_metrics_updated");
        var older = traced.Events(0, "recovery:metrics_updated");
        Assert.Equal(updates.ConvertAll(data => data.GetRawText()), older.ConvertAll(data => data.GetRawText()));
        Assert.All(updates, data => Assert.NotEmpty(data.EnumerateObject()));
        string[] fields = ["min_rtt", "smoothed_rtt", "latest_rtt", "rtt_variance", "congestion_window", "bytes_in_flight"];
        foreach (var field in fields)
        {
            var told = updates.FindAll(data => data.TryGetProperty(field, out _));
            var values = told.ConvertAll(data => data.GetProperty(field).GetDouble());
            Assert.NotEmpty(values);
            Assert.All(values.Zip(values.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        }
        var states = traced.Events(0, "quic:congestion_state_updated").ConvertAll(data => data.GetProperty("new").GetString());
        Assert.Equal("slow_start", states[0]);
        Assert.Contains("recovery", states);
        Assert.Contains("congestion_avoidance", states);
        Assert.True(traced.Events(0, "quic:mtu_updated")[^1].GetProperty("new").GetInt32() > 1200);
    }

    [Fact]
    public void Both_sides_agree_on_parameters_and_protocol()
    {
        using var traced = TracedPair.RunEverything(1);
        for (var side = 0; side < 2; side++)
        {
            var local = traced.Events(side, "quic:parameters_set")[0];
            var remote = traced.Events(1 - side, "quic:parameters_set")[1];
            Assert.Equal("local", local.GetProperty("initiator").GetString());
            Assert.Equal(local.GetRawText().Replace("\"local\"", "\"remote\"", StringComparison.Ordinal), remote.GetRawText());
            var chosen = traced.Events(side, "quic:alpn_information")[1].GetProperty("chosen_alpn").GetProperty("string_value");
            Assert.Equal("coco/1", chosen.GetString());
        }
    }

    [Fact]
    public void Key_updates_name_who_began_them()
    {
        using var traced = TracedPair.RunEverything(1);
        string[] expected = ["local_update", "local_update", "remote_update", "remote_update"];
        Assert.Equal(expected, Triggers(0));
        Assert.Equal(expected.Reverse(), Triggers(1));

        List<string?> Triggers(int side) => traced.Events(side, "quic:key_updated")
            .FindAll(data => data.TryGetProperty("key_phase", out var phase) && phase.GetInt32() > 0)
            .ConvertAll(data => data.GetProperty("trigger").GetString());
    }

    [Fact]
    public void The_end_is_told_on_both_sides()
    {
        using var traced = TracedPair.RunEverything(1);
        for (var side = 0; side < 2; side++)
        {
            var closed = Assert.Single(traced.Events(side, "quic:connection_closed"));
            Assert.Equal(side == 0 ? "local" : "remote", closed.GetProperty("initiator").GetString());
            Assert.Equal(7, closed.GetProperty("error_code").GetInt32());
            Assert.StartsWith("done \"here\"", closed.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
        Assert.Equal("closed", traced.Events(0, "quic:connection_state_updated")[^1].GetProperty("new").GetString());
    }

    [Fact]
    public void A_trace_of_a_timeout_ends_with_its_cause()
    {
        using var traced = new TracedPair(1);
        var pair = traced.Pair.Connect();
        pair.Network.Filter = (_, _, _) => false;
        Assert.True(pair.Network.RunUntil(() => pair.Client.State == ConnectionState.Closed));
        var closed = Assert.Single(traced.Events(0, "quic:connection_closed"));
        Assert.Equal("idle_timeout", closed.GetProperty("trigger").GetString());
    }

    [Fact]
    public void Neither_secrets_nor_bytes_of_the_application_are_told()
    {
        using var traced = new TracedPair(1);
        var pair = traced.Pair.Connect();
        Assert.True(pair.Client.TryOpenStream(bidirectional: false, out var id));
        pair.Client.Write(id, "attack at dawn"u8, fin: true, out _);
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        for (var side = 0; side < 2; side++)
        {
            Assert.DoesNotContain("attack", traced.Text(side), StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower("attack"u8), traced.Text(side), StringComparison.Ordinal);
            Assert.DoesNotContain("stateless_reset_token", traced.Text(side), StringComparison.Ordinal);
            foreach (var name in new[] { "quic:key_updated", "quic:key_discarded" })
            {
                Assert.All(traced.Events(side, name).SelectMany(data => data.EnumerateObject()),
                    field => Assert.Contains(field.Name, new[] { "key_type", "key_phase", "trigger" }));
            }
        }
    }

    private static string KeyOf(JsonElement packet)
    {
        var header = packet.GetProperty("header");
        return $"{header.GetProperty("packet_type").GetString()} {header.GetProperty("packet_number").GetInt64()}";
    }
}
