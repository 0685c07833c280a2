using Coco.Benchmarks.Latency;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>A running overlay: the program on each end, and the address by which right is reached inside.</summary>
internal sealed class OverlayTunnel(LabProcess left, LabProcess right, string address, string folder) : IDisposable
{
    /// <summary>Right's address inside.</summary>
    public string Address => address;

    /// <summary>Processor time of the two programs; neither starts others.</summary>
    public (double Left, double Right) CpuSeconds => (left.ProcessorTime.TotalSeconds, right.ProcessorTime.TotalSeconds);

    public void WaitUntilUp(VethPair lab)
    {
        try
        {
            using var echo = new UdpEcho(lab, address, UdpEchoEnds.Plain);
            echo.Measure(lab, 1);
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"no packet gets through: {exception.Message}\n{left.Output}\n{right.Output}", exception);
        }
    }

    public void Dispose()
    {
        left.Dispose();
        right.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
