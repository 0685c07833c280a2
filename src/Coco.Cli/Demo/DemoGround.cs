namespace Coco.Cli.Demo;

/// <summary>Where the demo's nodes stand, and what is between them. This one is loopback, where nothing is.</summary>
internal class DemoGround
{
    public virtual string Kind => "loopback";

    /// <summary>Whether there are routers between the nodes, whose way can be cut.</summary>
    public virtual bool HasRouters => false;

    public virtual IReadOnlyList<string> Map =>
    [
        "        hub  (founds the network)",
        "       /   \\          all three on this machine's loopback, 127.0.0.1:",
        "   alice — bob        real processes and sockets, no routers between them",
    ];

    /// <summary>What is written before a command so that it runs where a node stands.</summary>
    public virtual string[] EntryOf(string node) => [];

    /// <summary>Where a node is to listen.</summary>
    public virtual string[] ListeningOf(string node) => ["--listen", "127.0.0.1:0"];

    public virtual void Cut() => throw new InvalidOperationException("nothing is between them");

    public virtual void Mend() => throw new InvalidOperationException("nothing is between them");
}
