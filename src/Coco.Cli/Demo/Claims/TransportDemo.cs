using System.Diagnostics;
using System.Net.Sockets;
using Coco.Transport;

namespace Coco.Cli.Demo.Claims;

/// <summary>
/// <c>coco demo --transport</c>: the transport alone, between nodes in this process over UDP sockets on loopback. Every line printed was
/// measured or checked; the first claim that does not hold ends the demo.
/// </summary>
internal static class TransportDemo
{
    public static async Task RunAsync(TextWriter output)
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
        catch (DemoFailedException exception)
        {
            throw Failed($"{exception.Message}.", exception);
        }
        catch (SocketException exception)
        {
            throw Failed($"no UDP socket on 127.0.0.1: {exception.Message}. Check firewalls and the limits of this sandbox.", exception);
        }
        catch (Exception exception) when (exception is TransportException or TimeoutException or DllNotFoundException)
        {
            throw Failed(exception.Message, exception);
        }
        catch (OperationCanceledException exception)
        {
            throw Failed($"the way past the relay took longer than {DemoLoop.Limit.TotalSeconds:0} seconds.", exception);
        }
        output.WriteLine();
        output.WriteLine($"All {report.Facts} claims held, checked in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s.");
    }

    private static CommandException Failed(string why, Exception cause) => new(ExitCode.Failed, $"The demo FAILED: {why}", cause);
}
