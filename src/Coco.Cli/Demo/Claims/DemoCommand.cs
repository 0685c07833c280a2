using System.Diagnostics;
using System.Net.Sockets;
using Coco.Transport;

namespace Coco.Cli.Demo.Claims;

/// <summary>
/// <c>coco demo</c>: what Coco does so far, done for real between nodes in this process over UDP sockets on loopback. Every line
/// printed was measured or checked; the first claim that does not hold ends the demo.
/// </summary>
internal static class DemoCommand
{
    public static async Task<ExitCode> RunAsync(TextWriter output, TextWriter error)
    {
        var start = Stopwatch.GetTimestamp();
        var report = new DemoReport(output);
        try
        {
            using var pair = new DemoPair();
            output.WriteLine(
                $"Coco {CommandLine.Version}: nodes that know each other by key, "
                + "in one process over real UDP sockets on 127.0.0.1");
            IdentitySteps.Run(pair, report);
            DataSteps.Run(pair, report);
            MovingSteps.Run(pair, report);
            EndSteps.Run(pair, report);
            using var limit = new CancellationTokenSource(DemoLoop.Limit);
            await RelaySteps.RunAsync(report, limit.Token);
        }
        catch (DemoFailedException e)
        {
            error.WriteLine($"coco demo FAILED: {e.Message}.");
            return ExitCode.Failed;
        }
        catch (SocketException e)
        {
            error.WriteLine(
                $"coco demo FAILED: no UDP socket on 127.0.0.1: {e.Message}. Check firewalls and the limits of this sandbox.");
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is TransportException or TimeoutException)
        {
            error.WriteLine($"coco demo FAILED: {e.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine($"coco demo FAILED: the way past the relay took longer than {DemoLoop.Limit.TotalSeconds:0} seconds.");
            return ExitCode.Failed;
        }
        catch (DllNotFoundException e)
        {
            error.WriteLine($"coco demo FAILED: {e.Message}");
            return ExitCode.Failed;
        }
        output.WriteLine();
        output.WriteLine($"All {report.Facts} claims held, checked in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s.");
        return ExitCode.Ok;
    }
}
