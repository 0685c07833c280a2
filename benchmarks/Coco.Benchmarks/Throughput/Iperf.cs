using System.Text.Json;
using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>One TCP stream by iperf3, with CUBIC: the default of most systems, and twice as fast here as this kernel's BBR.</summary>
internal static class Iperf
{
    public const string Program = "iperf3";

    private const int Seconds = 3; // chosen: like the transfers of a number of bytes

    /// <summary>Sends from left to right, to an address of right's.</summary>
    public static ThroughputResult Transfer(VethPair lab, string address)
    {
        var port = $"{Ends.Port + 1}";
        using var server = lab.Right.Start(Program, "-s", "-1", "--forceflush", "-p", port);
        server.WaitForLine("Server listening", Ends.Patience);
        using var client = lab.Left.Start(Program, "-c", address, "-p", port, "-t", $"{Seconds}", "-C", "cubic", "-J");
        if (client.WaitForExit(Ends.Patience) != 0) { throw new InvalidOperationException($"iperf3 failed: {client.Output} {server.Output}"); }

        using var json = JsonDocument.Parse(client.Output);
        var end = json.RootElement.GetProperty("end");
        var received = end.GetProperty("sum_received");
        var wall = received.GetProperty("seconds").GetDouble();
        var used = end.GetProperty("cpu_utilization_percent");
        return new(
            received.GetProperty("bytes").GetInt64(),
            wall,
            used.GetProperty("host_total").GetDouble() / 100 * wall,
            used.GetProperty("remote_total").GetDouble() / 100 * wall);
    }
}
