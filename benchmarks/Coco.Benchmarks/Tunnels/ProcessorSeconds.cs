using System.Globalization;

namespace Coco.Benchmarks.Tunnels;

/// <summary>Processor time (utime + stime, proc(5)), in steps of 10 ms.</summary>
internal static class ProcessorSeconds
{
    /// <summary>Of a running process and of those it has started that still run.</summary>
    public static double OfTree(int process)
    {
        var children = File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Of(process) + children.Sum(child => OfTree(int.Parse(child, CultureInfo.InvariantCulture)));
    }

    private static double Of(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // from field 3 on; the name before may hold spaces
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }
}
