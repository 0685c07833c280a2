using System.Text.Json;

namespace Coco.Benchmarks;

/// <summary>Prints figures as a table, or as one JSON object a line: bench, metric, value, and the peer it stands beside.</summary>
internal sealed class Report(string bench, bool json)
{
    /// <summary>Where progress goes: standard output is the result.</summary>
    public TextWriter Progress => Console.Error;

    /// <summary>Names a peer that cannot run here, and why. False where there is no reason.</summary>
    public bool LeaveOut(string peer, string? reason)
    {
        if (reason is null) { return false; }
        Progress.WriteLine($"without {peer}: {reason}");
        return true;
    }

    public void Add(string metric, double value) => Add(metric, value, null, null, null);

    public void Add(string metric, double value, string? peer, double? peerValue, double? ratio)
    {
        if (json)
        {
            var line = new Dictionary<string, object> { ["bench"] = bench, ["metric"] = metric, ["value"] = Math.Round(value, 4) };
            if (peer is not null && peerValue is { } its && ratio is { } quotient)
            {
                line["peer"] = peer;
                line["peer_value"] = Math.Round(its, 4);
                line["ratio"] = Math.Round(quotient, 4);
            }

            Console.WriteLine(JsonSerializer.Serialize(line));
            return;
        }

        Console.WriteLine(peer is null ? $"{metric,-34} {value,12:N2}" : $"{metric,-34} {value,12:N2}   {peer,-24} {peerValue,10:N2}   ratio {ratio:F2}");
    }
}
