using Coco.Transport.Loop;

namespace Coco.Transport;

/// <summary>The mesh.</summary>
public sealed partial class Endpoint
{
    /// <summary>The router knows other routes than before: connections that go through the mesh ask it again. Each changes its route once in
    /// ten seconds at most, unless the one in use is dead.</summary>
    public void HandleRoutesChanged() => _loop.Post(new RoutesChanged(_loop));

    private sealed class RoutesChanged(EndpointLoop loop) : ILoopItem
    {
        public void Run(TimeSpan now) => loop.Core.HandleRoutesChanged(now);

        public void Refuse()
        {
        }
    }
}
