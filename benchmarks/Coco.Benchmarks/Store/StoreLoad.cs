using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Store;

/// <summary>What every peer is asked to do.</summary>
/// <param name="Writers">Who write at once.</param>
/// <param name="Milliseconds">How long.</param>
/// <param name="Missed">Entries that are written while the other end is away.</param>
/// <param name="File">A file to bring to the other end.</param>
internal sealed record StoreLoad(int Writers, int Milliseconds, int Missed, string File)
{
    public double Megabytes => new FileInfo(File).Length / 1e6;

    /// <summary>Asks a process, and waits for the answer.</summary>
    public static string Ask(LabProcess process, string command)
    {
        var from = process.Output.Length;
        process.Input.WriteLine(command);
        return process.WaitForLine("done ", Ends.Patience, from);
    }

    /// <summary>Entries per second of the writers at an end, once the first have warmed it up.</summary>
    public double EntriesOf(LabProcess writer)
    {
        Ask(writer, string.Create(CultureInfo.InvariantCulture, $"entries {Writers} 500"));
        var line = Ask(writer, string.Create(CultureInfo.InvariantCulture, $"entries {Writers} {Milliseconds}"));
        return ThroughputResult.Figure(line, "entries") / ThroughputResult.Figure(line, "wall");
    }
}
