using System.Text;
using Coco.Cli;

Console.OutputEncoding = Encoding.UTF8;
return (int)CommandLine.Run(args, Console.Out, Console.Error);
