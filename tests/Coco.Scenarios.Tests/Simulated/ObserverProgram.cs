using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Tells whoever asks where it sees them: what a STUN server is for.</summary>
internal sealed class ObserverProgram : TestProgram
{
    public static byte[] Question { get; } = [0];

    protected override void HandleDatagram(Link link, byte[] data, TimeSpan now)
    {
        var answer = new byte[1 + NetworkAddress.MaxWireLength];
        answer[0] = 1;
        Send(link, answer[..(1 + link.Remote.Write(answer.AsSpan(1)))]);
    }
}
